package database

import "gorm.io/gorm"

// Reader is the handle of the reads that stand alone.
func (db *DB) Reader() *gorm.DB { return db.reader }
