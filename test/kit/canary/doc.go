// Package canary looks for secrets where there must be none: in logs, metrics,
// bodies of errors and databases (S-46, T-11). A suite adds every secret that the
// service received or issued. At its end it searches everything that the service wrote.
package canary
