// Package smuggling holds only tests. They send the real program bytes that two
// readers of one connection may understand differently. They do so directly, and through
// real gateways that share their connections among clients.
//
// One probe judges all cases. Victims ask for their own account while attackers
// send payloads, and each victim must get its own answer. A naive service proves
// that the probe finds disagreement.
package smuggling
