// Command licenses collects the licences of everything that the program contains:
//
//	licenses -C folder -o file        writes them, compressed, for "auth-service licenses"
//	licenses -swagger-ui folder       writes the part of Swagger UI, by node_modules in folder
//
// It refuses a dependency whose licence does not fit that of the program.
package main

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	folder := flag.String("C", ".", "`folder` of the module")
	out := flag.String("o", "", "`file` to write")
	swagger := flag.String("swagger-ui", "", "`folder` with the node_modules of Swagger UI")
	flag.Parse()
	if err := run(*folder, *out, *swagger); err != nil {
		fmt.Fprintln(os.Stderr, "licenses:", err)
		os.Exit(1)
	}
}

func run(folder, out, swagger string) error {
	if swagger != "" {
		text, err := swaggerUI(swagger)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(swagger, swaggerFile), text, 0o644) //nolint:gosec // a public document
	}
	text, err := Collect(folder)
	if err != nil {
		return err
	}
	var compressed bytes.Buffer
	w, err := gzip.NewWriterLevel(&compressed, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := w.Write(text); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return os.WriteFile(out, compressed.Bytes(), 0o644) //nolint:gosec // a public document
}
