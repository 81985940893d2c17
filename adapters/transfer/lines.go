package transfer

import (
	"bufio"
	"errors"
	"io"
	"strings"
)

// line is a line without its line break.
type line struct {
	number int
	text   string // only the beginning of a line that is too long
	long   bool
}

// lineReader reads lines of at most MaxRow bytes, and skips the rest of longer ones.
type lineReader struct {
	in     *bufio.Reader
	number int
	back   []line // lines to return again, in order
}

// next returns the next line. Errors: io.EOF, or the reader's error.
func (l *lineReader) next() (line, error) {
	if len(l.back) > 0 {
		first := l.back[0]
		l.back = l.back[1:]
		return first, nil
	}
	text, err := l.in.ReadSlice('\n')
	if len(text) == 0 && err != nil {
		return line{}, err
	}
	l.number++
	read := line{number: l.number, text: strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r")}
	for errors.Is(err, bufio.ErrBufferFull) {
		read.long = true
		_, err = l.in.ReadSlice('\n')
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return line{}, err
	}
	return read, nil
}

// nextFilled returns the next line that is not empty.
func (l *lineReader) nextFilled() (line, error) {
	for {
		read, err := l.next()
		if err != nil || strings.TrimSpace(read.text) != "" {
			return read, err
		}
	}
}

// giveBack makes next return lines again.
func (l *lineReader) giveBack(lines []line) { l.back = append(lines, l.back...) }

// tooLong is the problem of a line longer than MaxRow.
const tooLong = "The row is longer than 64 KiB."
