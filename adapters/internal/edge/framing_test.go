package edge

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

// follows returns how much of the text passes, sent in pieces of a size.
func follows(text string, size int) (int, bool) {
	f, passed := newFraming(), 0
	for text != "" {
		piece := text[:min(size, len(text))]
		n, certain := f.follow([]byte(piece))
		passed += n
		if !certain {
			return passed, false
		}
		text = text[len(piece):]
	}
	return passed, true
}

// drawRequest draws a request as ordinary clients and gateways send it.
func drawRequest(t *rapid.T) string {
	var b strings.Builder
	b.WriteString(rapid.SampledFrom([]string{"", "\r\n"}).Draw(t, "empty line"))
	b.WriteString("POST /api/echo HTTP/1.1\r\n" + host)
	for range rapid.IntRange(0, 3).Draw(t, "fields") {
		name := rapid.StringMatching(`X-[A-Za-z0-9-]{0,20}`).Draw(t, "name")
		value := rapid.StringMatching(`[ -~\t]{0,200}`).Draw(t, "value")
		b.WriteString(name + ": " + value + "\r\n")
	}
	body := rapid.StringOf(rapid.RuneFrom([]rune("\r\n :5a;\x00"))).Draw(t, "body")
	switch rapid.SampledFrom([]string{"none", "length", "chunks"}).Draw(t, "framing") {
	case "none":
		b.WriteString("\r\n")
	case "length":
		fmt.Fprintf(&b, "content-length:%d\r\n\r\n%s", len(body), body)
	case "chunks":
		b.WriteString("transfer-encoding: chunked\r\n\r\n")
		for body != "" {
			n := rapid.IntRange(1, len(body)).Draw(t, "chunk")
			fmt.Fprintf(&b, "%0*X%s\r\n%s\r\n", rapid.IntRange(1, 4).Draw(t, "digits"), n, rapid.SampledFrom([]string{"", ";a=b", `; a="b c"`}).Draw(t, "extension"), body[:n])
			body = body[n:]
		}
		b.WriteString("0\r\n\r\n")
	}
	return b.String()
}

func TestFraming_OrdinaryRequestsPass(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.Custom(drawRequest), 1, 4).Draw(t, "requests"), "")
		size := rapid.IntRange(1, len(text)).Draw(t, "size")
		n, certain := follows(text, size)
		assert.True(t, certain, "%q passes up to %d", text, n)
		assert.Equal(t, len(text), n)
		// The end of the last request was seen: at once another may begin.
		_, certain = follows(text+"GET / HTTP/1.1\r\n b", size)
		assert.False(t, certain, "a field behind %q is taken for content", text)
	})
}

// B-40 to B-45: reading stops at the byte at fault, in whatever pieces it comes.
func TestFraming_StopsAtTheByteAtFault(t *testing.T) {
	t.Parallel()
	const chunked = post + "Transfer-Encoding: chunked\r\n"
	// The first part passes, its last byte being at fault; the second is never seen.
	for _, tc := range [][2]string{
		{"GET / HTTP/1.1\n", "Host: a\n\n"},
		{"\r\n\r\nG", "ET / HTTP/1.1\r\n"},
		{"\n", "GET / HTTP/1.1\r\n"},
		{"GET / HTTP/1.1\rH", "ost: a\r\n\r\n"},
		{get + "X-Note: a\n", "X-Other: b\r\n\r\n"},
		{get + "\n", "\r\n"},
		{get + "X-Note: a\rb", "\r\n\r\n"},
		{get + "X-Note: a\r\n ", "b\r\n\r\n"},
		{get + "X ", "Note: a\r\n\r\n"},
		{get + "X-Note\t", ": a\r\n\r\n"},
		{post + "Content-Length: 2\r\nContent-Length: 2\r\n", "\r\n{}"},
		{post + "Content-Length: 2, 2\r\n", "\r\n{}"},
		{post + "Content-Length: +2\r\n", "\r\n{}"},
		{post + "Content-Length: 2_0\r\n", "\r\n{}"},
		{post + "Content-Length: " + strings.Repeat("0", 200) + "2\r\n", "\r\n{}"},
		{chunked + "content-length: 5\r\n", "\r\n0\r\n\r\n"},
		{chunked + "transfer-encoding: chunked\r\n", "\r\n0\r\n\r\n"},
		{post + "Transfer-Encoding: Chunked\r\n", "\r\n0\r\n\r\n"},
		{post + "Transfer-Encoding: identity\r\n", "\r\n"},
		{chunked + "\r\n5 \r\n", "12345\r\n0\r\n\r\n"},
		{chunked + "\r\n5 ;a\r\n", "12345\r\n0\r\n\r\n"},
		{chunked + "\r\n5;a\n", "12345\r\n0\r\n\r\n"},
		{chunked + "\r\n-5\r\n", "12345\r\n0\r\n\r\n"},
		{chunked + "\r\n7FFFFFFFFFFFFFFF\r\n", "12345\r\n0\r\n\r\n"},
		{chunked + "\r\n5;" + strings.Repeat("a", maxFramingLine-2), "aaaa\r\n12345\r\n0\r\n\r\n"},
		{chunked + "\r\n0\r\n ", "X: 1\r\n\r\n"},
		{chunked + "\r\n0\r\nX-Sum: 1\r\n", "\r\n"},
	} {
		for size := 1; size <= len(tc[0]+tc[1]); size++ {
			n, certain := follows(tc[0]+tc[1], size)
			assert.False(t, certain, "%q in pieces of %d", tc, size)
			assert.Equal(t, len(tc[0]), n, "%q in pieces of %d", tc, size)
		}
	}
}

// FuzzFraming: nothing depends on the pieces in which bytes come.
func FuzzFraming(f *testing.F) {
	f.Add([]byte(post+"Transfer-Encoding: chunked\r\n\r\n2;a\r\n{}\r\n0\r\n\r\n"+get+"\r\n"), 3)
	f.Add([]byte(post+"Content-Length: 2\r\n\r\n{}\r\n"+get+"\n"), 1)
	f.Fuzz(func(t *testing.T, text []byte, size int) {
		size = max(1, size%64)
		n, certain := follows(string(text), max(1, len(text)))
		inPieces, certainInPieces := follows(string(text), size)
		assert.Equal(t, n, inPieces)
		assert.Equal(t, certain, certainInPieces)
	})
}
