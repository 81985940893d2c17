// Package compose holds only tests. They read compose.yaml as Docker Compose does, and
// run the service in the environment that compose.yaml gives it.
package compose
