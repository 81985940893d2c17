// Package compose holds no code but tests: they read compose.yaml as Docker Compose
// does, and run the service in the environment that it is given there.
package compose
