// Package smuggling holds no code but tests: they send the real program what two
// readers of one connection may understand differently, by hand, and behind real
// gateways that share their connections to it among clients.
//
// One probe judges all of it: victims ask who they are while attackers send their
// payloads, and each victim must get its own answer. That it finds a service
// which understands requests otherwise than its gateway is proved with one.
package smuggling
