package cli

import (
	"encoding/json"
	"fmt"
	"io"
)

// printJSON writes a value as indented JSON.
func printJSON(out io.Writer, value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the answer: %w", err)
	}
	if _, err := fmt.Fprintf(out, "%s\n", text); err != nil {
		return fmt.Errorf("printing the answer: %w", err)
	}
	return nil
}
