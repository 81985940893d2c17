// Package transfer reads users from files of other software, and writes them.
//
// Reader reads CSV with a header, JSON Lines, and the exports of Keycloak and
// Kratos. It holds one row at a time, and expects the worst of a file: what is wrong
// with a row is a Problem of that row, and only what makes the rest of the file
// unreadable is an error.
//
// Writer writes users as CSV or JSON Lines, and Report the rows that were refused as JSON
// Lines; Reader can read both.
package transfer
