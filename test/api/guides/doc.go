// Package guides holds only tests. They run the code of the guides for application
// developers, as the documents show it, against a running service.
package guides
