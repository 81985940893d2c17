// Package growth holds only tests. They fill databases of several sizes with the rows of a
// year, call every method of the repositories on each, and compare what the calls cost.
//
// On PostgreSQL, adapters/database/sent keeps the statements of each call, which runs
// in a transaction that is rolled back. EXPLAIN (ANALYZE, BUFFERS) then repeats them in
// another. The pages that a call touches do not depend on the machine, so every run of go
// test asserts them for two small sizes: by row, they grow by at most one half or by one
// level of each index that is descended, no growing table is read whole, and no statement
// reads more than a bounded number of candidates. `make growth` measures large sizes
// (-sizes), with times, plans, sizes of tables, WAL and the share of HOT updates, and
// prints tables in Markdown. Times are medians with a warm cache.
package growth
