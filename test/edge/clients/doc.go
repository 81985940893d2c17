// Package clients holds only tests. They lint the OpenAPI document, generate clients from
// it, compile them, and run them against the service: openapi-typescript with
// openapi-fetch, hey-api, oapi-codegen and ogen. Each walks through the whole flow,
// refusals included, and reads answers of a later release, which has more members, codes,
// roles and types of events.
//
// The folder node holds what npm fetches and the programs in TypeScript, the folder go a
// module of its own with the programs in Go.
package clients
