package database

import "gorm.io/gorm"

// Reader returns the handle for single reads.
func (db *DB) Reader() *gorm.DB { return db.reader }
