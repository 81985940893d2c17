package smuggling

import (
	"fmt"
	"strings"

	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// marking returns the environment of a service that answers each request with the mark
// that it came with: the tests and their gateways are trusted proxies.
func marking() program.Env { return program.Cheap().With("TRUSTED_PROXIES", "127.0.0.1") }

// payload is a request that hides another one.
type payload struct {
	// name begins with the id of the row.
	name string
	// hide returns the bytes to send, in which inner is the hidden request for
	// one of two readers that disagree.
	hide func(inner string) string
}

const (
	hostField = "Host: auth.example.com\r\n"
	// markField identifies the sender of a request; a payload's own mark replaces
	// it.
	markField = "X-Request-ID: {mark}\r\n"
	get       = "GET /api/auth/test/public HTTP/1.1\r\n" + hostField + markField
	post      = "POST /api/auth/login HTTP/1.1\r\n" + hostField + markField + "Content-Type: application/json\r\n"
	chunked   = "Transfer-Encoding: chunked\r\n"
	lastChunk = "0\r\n\r\n"
)

// marked gives a payload its mark.
func (p payload) marked(mark, inner string) string {
	return strings.Replace(p.hide(inner), "{mark}", mark, 1)
}

// behind hides a request behind a fixed text.
func behind(text string) func(string) string {
	return func(inner string) string { return text + inner }
}

// sized hides a request in or behind a body. %d in the fields is the length of
// everything after them, %x the same in hexadecimal.
func sized(fields, before string) func(string) string {
	return func(inner string) string {
		n := fmt.Sprint(len(before + inner))
		hexadecimal := fmt.Sprintf("%x", len(before+inner))
		return post + strings.NewReplacer("%d", n, "%x", hexadecimal).Replace(fields) + "\r\n" + before + inner
	}
}

// inChunk hides a request in a chunk. A reader that obeys the length sees only the size
// of the chunk.
func inChunk(fields string) func(string) string {
	return func(inner string) string {
		size := fmt.Sprintf("%x\r\n", len(inner))
		return post + fmt.Sprintf("Content-Length: %d\r\n", len(size)) + fields + "\r\n" + size + inner + "\r\n" + lastChunk
	}
}

// payloads returns the payloads of all rows.
func payloads() []payload {
	var all []payload
	add := func(name string, hide func(string) string) { all = append(all, payload{name, hide}) }

	add("B-40 a letter behind the last chunk", func(string) string { return post + "Content-Length: 6\r\n" + chunked + "\r\n" + lastChunk + "G" })
	add("B-40 chunks beside a length", sized("Content-Length: %d\r\n"+chunked, lastChunk))
	add("B-40 chunks before a length", sized(chunked+"Content-Length: %d\r\n", lastChunk))
	add("B-40 a length beside chunks", inChunk(chunked))

	for name, field := range map[string]string{
		"unknown":               "Transfer-Encoding: xchunked\r\n",
		"chunked then identity": "Transfer-Encoding: chunked, identity\r\n",
		"identity then chunked": "Transfer-Encoding: identity, chunked\r\n",
		"two blanks":            "Transfer-Encoding:  chunked\r\n",
		"vertical tab":          "Transfer-Encoding: chunked\x0b\r\n",
		"capitals":              "Transfer-Encoding: CHUNKED\r\n",
		"twice":                 chunked + chunked,
		"twice, differently":    chunked + "Transfer-Encoding: identity\r\n",
		"identity":              "Transfer-Encoding: identity\r\n",
	} {
		add("B-41 "+name, behind(post+field+"\r\n"+lastChunk))
		add("B-41 "+name+", before a length", sized(field+"Content-Length: %d\r\n", lastChunk))
		add("B-41 "+name+", behind a length", inChunk(field))
	}
	add("B-41 HTTP/1.0", behind(strings.Replace(post, "HTTP/1.1", "HTTP/1.0", 1)+"Connection: keep-alive\r\n"+chunked+"\r\n"+lastChunk))
	add("B-41 HTTP/1.0, with a length", func(inner string) string {
		return strings.Replace(sized("Connection: keep-alive\r\nContent-Length: %d\r\n"+chunked, lastChunk)(inner), "HTTP/1.1", "HTTP/1.0", 1)
	})

	for name, fields := range map[string]string{
		"two lengths, the first counts":  "Content-Length: %d\r\nContent-Length: 0\r\n",
		"two lengths, the second counts": "Content-Length: 0\r\nContent-Length: %d\r\n",
		"two equal lengths":              "Content-Length: %d\r\nContent-Length: %d\r\n",
		"list of two lengths":            "Content-Length: 0, %d\r\n",
		"list of equal lengths":          "Content-Length: %d, %d\r\n",
		"empty length":                   "Content-Length: \r\n",
		"length beyond int64":            "Content-Length: 9223372036854775808\r\n",
		"length beyond uint64":           "Content-Length: 18446744073709551616\r\n",
		"plus":                           "Content-Length: +%d\r\n",
		"minus":                          "Content-Length: -%d\r\n",
		"hexadecimal":                    "Content-Length: 0x%x\r\n",
	} {
		add("B-42 "+name, sized(fields, ""))
	}
	all = append(all, chunkPayloads()...)
	return append(all, headPayloads()...)
}

func chunkPayloads() []payload {
	var all []payload
	for name, body := range map[string]string{
		"negative size":                   "-1\r\n\r\n" + lastChunk,
		"hexadecimal prefix":              "0x5\r\n{\"a\"}\r\n" + lastChunk,
		"hexadecimal prefix at the end":   "0x0\r\n\r\n",
		"line feed in the extension":      "5;ext\nX\r\n{\"a\"}\r\n" + lastChunk,
		"line feed in the last extension": "0;ext\nX\r\n\r\n",
		"blank behind the size":           "5 \r\n{\"a\"}\r\n" + lastChunk,
		"blank behind the last size":      "0 \r\n\r\n",
		"huge size":                       "FFFFFFFFFFFFFFFF\r\n",
		"size that overflows":             "10000000000000005\r\n{\"a\"}\r\n" + lastChunk,
		"no CRLF after the chunk":         "5\r\n{\"a\"}" + lastChunk,
		"letters for the CRLF":            "5\r\n{\"a\"}XX" + lastChunk,
		"line feeds for CRLF":             "5\n{\"a\"}\n0\n\n",
		"no size":                         "\r\n\r\n" + lastChunk,
		"end before the chunk's":          "fff\r\n",
	} {
		all = append(all, payload{"B-43 " + name, behind(post + chunked + "\r\n" + body)})
	}
	return all
}

func headPayloads() []payload {
	var all []payload
	for name, field := range map[string]string{
		"two hosts":        hostField + "Host: evil.example.com\r\n",
		"two equal hosts":  hostField + hostField,
		"no host":          "",
		"blank in host":    "Host: a b\r\n",
		"comma in host":    "Host: a,b\r\n",
		"CRLF in host":     "Host: a\r\n b\r\n",
		"two ports":        "Host: a:1:2\r\n",
		"letters for port": "Host: a:b\r\n",
		"path in host":     "Host: a/b\r\n",
		"user in host":     "Host: a@b\r\n",
	} {
		all = append(all, payload{"B-44 " + name, behind(strings.Replace(get, hostField, field, 1) + "\r\n")})
	}
	lineFeeds := func(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }
	for name, hide := range map[string]func(string) string{
		"blank before the colon":             sized("Content-Length : %d\r\n", ""),
		"blank before the colon of a coding": sized("Content-Length: %d\r\nTransfer-Encoding : chunked\r\n", lastChunk),
		"blank within the name":              sized("Content Length: %d\r\n", ""),
		"tab before the name":                sized("Content-Length: %d\r\n\tTransfer-Encoding: chunked\r\n", lastChunk),
		"blank before the name":              sized("Content-Length: %d\r\n Transfer-Encoding: chunked\r\n", lastChunk),
		"vertical tab before the name":       sized("Content-Length: %d\r\n\x0bTransfer-Encoding: chunked\r\n", lastChunk),
		"line feeds for CRLF":                behind(lineFeeds(get + "\r\n")),
		"line feed hides a coding":           sized("Content-Length: %d\r\nX-Note: a\nTransfer-Encoding: chunked\r\n", lastChunk),
		"line feed ends the head":            behind(get + "\n"),
		"line feed behind the request line":  behind(strings.Replace(get, "\r\n", "\n", 1) + "\r\n"),
		"bare CR hides a coding":             sized("Content-Length: %d\r\nX-Note: a\rTransfer-Encoding: chunked\r\n", lastChunk),
		"bare CR ends the head":              behind(get + "\r\r"),
		"CRLFs before the request":           behind("\r\n\r\n\r\n" + get + "\r\n"),
		"NUL in a value":                     behind(get + "X-Note: a\x00b\r\n\r\n"),
		"NUL in a length":                    sized("Content-Length: %d\x00\r\n", ""),
		"NUL in a coding":                    sized("Content-Length: %d\r\nTransfer-Encoding: chunked\x00\r\n", lastChunk),
	} {
		all = append(all, payload{"B-45 " + name, hide})
	}
	return all
}
