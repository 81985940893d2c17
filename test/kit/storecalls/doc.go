// Package storecalls lists calls of every method of every repository by name, so that the
// tests of plans and the measurement of growth see the same statements and miss none. Each
// call stands alone: it leaves out nothing that it needs and changes no row of another call
// but the sample's.
package storecalls
