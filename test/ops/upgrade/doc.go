// Package upgrade holds no code but tests: they prove that a release can be
// replaced by the next one, and the next one by it again, while clients work.
//
// The older program is built from git: from the commit before the one that added
// the newest migration step. So each later step is tested without a change here,
// and no binary is kept. The tests need the history of the repository and fail
// without it.
package upgrade
