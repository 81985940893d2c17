// Package capacity computes what so many users need: cores that hash, replicas, the cores
// and the storage of the database, and Redis. It starts from the costs that
// docs/performance.md measured and from habits of users that are assumptions. A simulation
// of the peak hour holds the result against the service's own rule of admission, and
// docs/capacity.md shows the tables that the package computes.
package capacity
