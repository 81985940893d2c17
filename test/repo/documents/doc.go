// Package documents holds only tests. They prove that the records of decisions are
// complete, and that the files and folders that documents name exist.
package documents
