package catalogue

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// function is a function in a package of tests: a test, or a part of one.
type function struct {
	// text is the function with its comment; file is all of its file.
	text, file string
	isTest     bool
}

// source holds every function in a package that the catalogue may name.
type source struct {
	functions map[string]function
	// uses is the number of times that each name occurs in the package, including its
	// declaration.
	uses map[string]int
}

// sources reads packages, each once.
type sources map[string]*source

// of reads the Go files of a folder below the root of the repository.
func (s sources) of(folder string) (*source, error) {
	if known, ok := s[folder]; ok {
		return known, nil
	}
	files, err := filepath.Glob(filepath.Join("..", "..", "..", filepath.FromSlash(folder), "*.go"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("there is no package %s", folder)
	}
	read := &source{functions: map[string]function{}, uses: map[string]int{}}
	for _, file := range files {
		if err := read.add(file); err != nil {
			return nil, err
		}
	}
	s[folder] = read
	return read, nil
}

func (s *source) add(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	positions := token.NewFileSet()
	parsed, err := parser.ParseFile(positions, file, text, parser.ParseComments)
	if err != nil {
		return err
	}
	for _, declaration := range parsed.Decls {
		f, ok := declaration.(*ast.FuncDecl)
		if !ok || f.Recv != nil {
			continue
		}
		from := f.Pos()
		if f.Doc != nil {
			from = f.Doc.Pos()
		}
		s.functions[f.Name.Name] = function{
			text:   string(text[positions.Position(from).Offset:positions.Position(f.End()).Offset]),
			file:   string(text),
			isTest: strings.HasSuffix(file, "_test.go") && isTestName(f.Name.Name),
		}
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		if name, ok := n.(*ast.Ident); ok {
			s.uses[name.Name]++
		}
		return true
	})
	return nil
}

func isTestName(name string) bool {
	return strings.HasPrefix(name, "Test") || strings.HasPrefix(name, "Fuzz")
}

// find checks a proof: Test, or Test/part for a function that the test runs. It
// returns the texts that must mention the proved ids, one by one or together.
func (s *source) find(proof string) (texts []string, err error) {
	test, part, hasPart := strings.Cut(proof, "/")
	f, ok := s.functions[test]
	if !ok || !f.isTest {
		return nil, fmt.Errorf("there is no test %s", test)
	}
	if !hasPart {
		return []string{f.text, f.file}, nil
	}
	p, ok := s.functions[part]
	if !ok || p.isTest {
		return nil, fmt.Errorf("%s has no part %s", test, part)
	}
	if s.uses[part] < 2 {
		return nil, fmt.Errorf("nothing runs %s", part)
	}
	return []string{p.text, p.file, f.file}, nil
}

// span matches a range of ids in a comment, such as V-20 to V-24.
var span = regexp.MustCompile(`\b([TSVB])-(\d\d) to ([TSVB])-(\d\d)\b`)

// mentions reports whether a text names an id: B-40, TestB40_…, or B-38 to B-42.
func mentions(text, id string) bool {
	kind, number, _ := strings.Cut(id, "-")
	if regexp.MustCompile(`(\b|_|Test)` + kind + `-?` + number + `(\b|_)`).MatchString(text) {
		return true
	}
	n, err := strconv.Atoi(number)
	if err != nil {
		return false
	}
	for _, match := range span.FindAllStringSubmatch(text, -1) {
		from, _ := strconv.Atoi(match[2]) // two digits
		to, _ := strconv.Atoi(match[4])
		if match[1] == kind && match[3] == kind && from <= n && n <= to {
			return true
		}
	}
	return false
}
