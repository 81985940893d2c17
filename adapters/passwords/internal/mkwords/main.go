// Command mkwords builds common.words, the set behind the screen for common
// passwords, from a list with one password per line, the most used first:
//
//	go run ./adapters/passwords/internal/mkwords list.txt adapters/passwords/common.words
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/seed543b3b27/auth-service/adapters/passwords/internal/wordset" //nolint:depguard // an internal package of this adapter
)

// The part of the list that is taken: the set's size is made for maxLines words.
// Words shorter than minLetters do not matter for passwords of the minimum
// length.
const (
	maxLines   = 400_000
	minLetters = 4
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: mkwords <list> <output>")
		os.Exit(2)
	}
	if err := build(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "mkwords:", err)
		os.Exit(1)
	}
}

func build(list, output string) error {
	file, err := os.Open(list) //nolint:gosec // the developer chose the file
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	var words []string
	lines := bufio.NewScanner(file)
	for n := 0; n < maxLines && lines.Scan(); n++ {
		word := strings.ToLower(lines.Text())
		if utf8.ValidString(word) && utf8.RuneCountInString(word) >= minLetters {
			words = append(words, word)
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	fmt.Println(len(words), "words")
	return os.WriteFile(output, wordset.Build(words), 0o644) //nolint:gosec // the file is published with the sources
}
