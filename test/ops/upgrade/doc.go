// Package upgrade holds only tests. They prove that a release can be replaced by the
// next one, and then the next one by the old one again, while clients work.
//
// The older program is built from git, from the commit before the newest migration
// step was added. So a later step needs no change here, and no binary is kept. The
// tests need the history of the repository, and fail without it.
package upgrade
