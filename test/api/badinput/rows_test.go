package badinput

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/test/kit/canary"
)

// refusals are rows in which everything is refused: together they must leave no
// trace. They run before anything else changes stored data.
var refusals = map[string]func(probe){
	"B-01 bodies that are not objects":      emptyAndOddBodies,
	"B-02 the JSON Parsing Test Suite":      jsonSuite,
	"B-03 names twice or in another case":   ambiguousNames,
	"B-04 invalid UTF-8":                    invalidUTF8,
	"B-05 NUL":                              nul,
	"B-06 compressed bodies":                compressedBodies,
	"B-07 members that are not for clients": massAssignment,
	"B-08 wrong types":                      wrongTypes,
	"B-09 more than one JSON text":          trailingData,
	"B-10 media types":                      mediaTypes,
	"B-11 sizes of bodies":                  bodySizes,
	"B-12 long addresses":                   longAddresses,
	"B-13 addresses that inject":            injectingAddresses,
	"B-15 F-E8 addresses of other policies": addressPolicy,
	"B-18 passwords":                        refusedPasswords,
	"B-19 tokens":                           tokens,
	"B-20 empty strings":                    emptyStrings,
	"B-21 null":                             nulls,
	"B-22 malformed ids":                    strangeIDs,
	"B-25 numbers in queries":               numbersInQueries,
	"B-26 search and order":                 searchAndOrder,
	"B-27 floods of parameters":             queryFloods,
	"B-28 spellings of paths":               spellingsOfPaths,
	"B-29 methods":                          methods,
	"B-33 headers":                          headers,
	"B-34 cookies":                          cookies,
	"B-35 Authorization":                    authorization,
	"B-36 Accept":                           accept,
	"B-37 expectations and versions":        expectationsAndVersions,
	"B-38 headers of connections":           hopByHop,
}

// effects are rows in which some of the input is good.
var effects = map[string]func(probe){
	"B-14 collections of addresses":        collectedAddresses,
	"B-16 texts about the client":          clientTexts,
	"B-17 the Big List of Naughty Strings": naughtyTexts,
	"B-18 passwords of every shape":        strangePasswords,
	"B-23 deletions":                       deletions,
	"B-24 other people's sessions":         foreignSessions,
	"B-30 slow clients":                    slowClients,
	"B-31 connections that do nothing":     idleConnections,
	"B-32 many requests on a connection":   manyRequests,
}

func TestBadInput(t *testing.T) {
	t.Parallel()
	for name, start := range services {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			stored, mails := s.stored(t), s.recipients(t)
			t.Run("refused", func(t *testing.T) { runAll(t, s, refusals) }) //nolint:paralleltest // one after the other
			assert.Equal(t, stored, s.stored(t), "something that was refused left a trace")
			assert.Equal(t, mails, s.recipients(t), "something that was refused sent a mail")
			t.Run("accepted in part", func(t *testing.T) { runAll(t, s, effects) }) //nolint:paralleltest // one after the other
			s.secrets.AssertAbsent(t, "the database", canary.DumpOf(t, s.driver, s.db))
			s.process.Stop(t)
			assert.NotContains(t, s.process.Stderr.String()+s.process.Stdout.String(), secret, "S-46")
			assert.NotContains(t, s.process.Stderr.String(), "panic")
		})
	}
}

func runAll(t *testing.T, s *service, rows map[string]func(probe)) {
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := s.probe(t)
			row(p)
			p.alive()
		})
	}
}
