// Package transfer reads users from files of other software, and writes users to
// files.
//
// Reader reads CSV with a header, JSON Lines, and the exports of Keycloak and
// Kratos. It holds one row at a time and expects broken files: a defect of a row
// is a Problem of that row, and only a defect that makes the rest of the file
// unreadable is an error.
//
// Writer writes users as CSV or JSON Lines. Report writes refused rows as JSON
// Lines. Reader reads the files of both. In CSV an apostrophe guards values that a
// spreadsheet would take for formulas; Reader takes it away.
package transfer
