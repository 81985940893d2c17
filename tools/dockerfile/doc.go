// Package dockerfile checks a Dockerfile with BuildKit's own linter, the one behind
// "docker build --check". It is a module of its own, so that BuildKit's dependencies
// stay out of the service's go.mod.
package dockerfile
