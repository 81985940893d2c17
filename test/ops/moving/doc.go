// Package moving runs the guides of docs/moving: the commands that they show, on
// exports in the formats that each software really writes, until people sign in with
// the passwords they had. It also kills imports and starts them again.
package moving
