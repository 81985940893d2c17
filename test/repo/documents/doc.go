// Package documents holds no code but tests: the records of decisions are complete,
// and what the documents of this repository name is there.
package documents
