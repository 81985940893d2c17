package generate

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime/debug"
)

// Child is the program of the generator's process: it reads a Job as JSON, does it and
// writes its Outcome as JSON. Errors: those of Run, and of reading and writing.
func Child(in io.Reader, out io.Writer) error {
	debug.SetGCPercent(400) // the generator shares the processors with what it measures
	var job Job
	if err := json.NewDecoder(in).Decode(&job); err != nil {
		return fmt.Errorf("reading the job: %w", err)
	}
	outcome, err := Run(job)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(outcome)
}
