// Package generate sends requests to a server and counts the answers. It is the load
// generator: the bench runs it in a process of its own, so that it shares neither memory
// nor the scheduler of Go with anything that is measured.
//
// A Job is one measurement: some Loads that run side by side, first to warm up, then in a
// window in which answers count. A load is one of two loops.
//
//   - A closed loop has a number of clients. A client sends its next request as soon as it
//     has the answer to the last one, whatever that answer is. There is no pause, also not
//     after a refusal, and a client whose connection the server closed connects again at
//     once.
//   - An open loop sends at a fixed rate, whether or not earlier requests are answered.
//     Times count from the moment at which a request was planned, so a server that stalls
//     is charged for the requests that it delays. Lag is the part of the time by which the
//     generator itself was late.
//
// A request is never repeated: each attempt is a request of its own and has one outcome.
package generate
