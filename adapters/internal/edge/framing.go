package edge

import (
	"bytes"
	"errors"
	"strconv"
)

// errAmbiguous ends a connection that brought bytes which two readers may
// understand differently.
var errAmbiguous = errors.New("a request whose end is not certain")

// maxFramingLine is how much of a line that gives a length is kept, in bytes:
// "Transfer-Encoding: chunked", or the size of a chunk.
const maxFramingLine = 128

// framing follows the bytes of a connection and stops at bytes that fasthttp accepts
// although readers disagree about them, because a gateway might see other requests
// than this server (RFC 9112 section 11.2). It is a filter only: fasthttp reads and
// judges all that passes.
//
//   - CR and LF come in pairs only, and one empty line at most comes before a
//     request (section 2.2).
//   - No blank stands in front of or within the name of a field (section 5.1), so
//     fields cannot be folded (section 5.2).
//   - Only one field gives the length of the body, and the only transfer coding is
//     "chunked", in lower case (section 6.3).
//   - Only an extension stands beside the size of a chunk (section 7.1).
//   - No field comes behind a body in chunks, because fasthttp reads it as a header
//     (RFC 9110 section 6.5.1), which a gateway removes and replaces in the head only.
type framing struct {
	part partOfRequest
	// last is the last byte of a head, a chunk size or a trailer.
	last byte
	// start reports whether a line begins, name whether a field's name goes on.
	start, name bool
	// blank counts the empty lines before the request.
	blank int
	// line is the beginning of the current line, at most maxFramingLine bytes.
	line []byte
	// framed reports whether the length is known, chunked whether it comes in
	// chunks. left counts the bytes still to come of the body, or of the chunk and
	// its CRLF.
	framed, chunked bool
	left            uint64
}

type partOfRequest int

const (
	inRequestLine partOfRequest = iota
	inFields
	inBody
	inChunkSize
	inChunk
	inTrailer
)

func newFraming() *framing { return &framing{start: true, line: make([]byte, 0, maxFramingLine)} }

// follow takes the next bytes of the connection. It returns how many may be read,
// up to and with a byte at fault, and whether all may.
func (f *framing) follow(p []byte) (int, bool) {
	for i := 0; i < len(p); {
		if f.part == inBody || f.part == inChunk {
			n := min(f.left, uint64(len(p)-i))
			i += int(n) //nolint:gosec // at most len(p)
			f.skip(n)
			continue
		}
		if n := f.plain(p[i:]); n > 0 {
			i += n
			continue
		}
		if !f.take(p[i]) {
			return i + 1, false
		}
		i++
	}
	return len(p), true
}

// skip passes over content, whose bytes have no meaning for framing.
func (f *framing) skip(n uint64) {
	if f.left -= n; f.left > 0 {
		return
	}
	if f.part == inChunk {
		f.next(inChunkSize)
	} else {
		f.next(inRequestLine)
	}
}

// next begins another part.
func (f *framing) next(part partOfRequest) {
	f.part, f.start, f.last, f.line = part, true, 0, f.line[:0]
	if part == inRequestLine {
		f.blank, f.framed, f.chunked, f.left = 0, false, false, 0
	}
}

// plain takes the bytes that continue a line and cannot be at fault, and returns
// their number. Most bytes are of this kind, and a look at each takes time.
func (f *framing) plain(p []byte) int {
	if f.start || f.name || f.last == '\r' || f.part == inChunkSize {
		return 0
	}
	if i := bytes.IndexByte(p, '\n'); i >= 0 {
		p = p[:i]
	}
	if i := bytes.IndexByte(p, '\r'); i >= 0 {
		p = p[:i]
	}
	f.line = append(f.line, p[:min(len(p), maxFramingLine-len(f.line))]...)
	return len(p)
}

// take takes a byte of a line.
func (f *framing) take(b byte) bool {
	if (b == '\n') != (f.last == '\r') {
		return false
	}
	f.last = b
	switch b {
	case '\r':
		return true
	case '\n':
		return f.end()
	}
	if f.start {
		f.start, f.name = false, f.part == inFields || f.part == inTrailer
		if f.part == inRequestLine && f.blank > 1 {
			return false
		}
	}
	if f.name && (b == ' ' || b == '\t') {
		return false
	}
	f.name = f.name && b != ':'
	if len(f.line) < maxFramingLine {
		f.line = append(f.line, b)
	}
	return f.part != inChunkSize || len(f.line) < maxFramingLine
}

// end judges a complete line.
func (f *framing) end() bool {
	empty := f.start
	defer func() { f.start, f.line = true, f.line[:0] }()
	switch {
	case f.part == inRequestLine && empty:
		f.blank++
	case f.part == inRequestLine:
		f.part = inFields
	case f.part == inFields && !empty:
		return f.field()
	case f.part == inFields && f.chunked:
		f.next(inChunkSize)
	case f.part == inFields && f.left > 0:
		f.next(inBody)
	case f.part == inChunkSize:
		return f.chunk()
	case empty:
		f.next(inRequestLine) // after a head without a body, or an empty trailer
	case f.part == inTrailer:
		return false
	}
	return true
}

// field looks for the fields that give the length of the body.
func (f *framing) field() bool {
	name, value, _ := bytes.Cut(f.line, []byte(":"))
	length := bytes.EqualFold(name, []byte("Content-Length"))
	if !length && !bytes.EqualFold(name, []byte("Transfer-Encoding")) {
		return true
	}
	if f.framed || len(f.line) == maxFramingLine {
		return false
	}
	f.framed = true
	value = bytes.TrimPrefix(value, []byte(" "))
	if !length {
		f.chunked = true
		return string(value) == "chunked"
	}
	n, err := strconv.ParseUint(string(bytes.TrimSpace(value)), 10, 63)
	f.left = n
	return err == nil
}

// chunk reads the size of a chunk. The last one is 0.
func (f *framing) chunk() bool {
	size, _, _ := bytes.Cut(f.line, []byte(";"))
	n, err := strconv.ParseUint(string(size), 16, 62)
	if err != nil {
		return false
	}
	if n == 0 {
		f.next(inTrailer)
		return true
	}
	f.left = n + uint64(len("\r\n")) // fasthttp insists on the line end
	f.next(inChunk)
	return true
}
