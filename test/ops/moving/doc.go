// Package moving runs the commands that the guides of docs/moving show, on exports in the
// formats that each software really writes. In the end, users sign in with the passwords
// they had. It also kills imports and starts them again.
package moving
