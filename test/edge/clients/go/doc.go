// Package flow holds only tests, which need the tag generated: they use clients that
// test/edge/clients generates into the folders oapi and ogen of a copy of this module.
package flow
