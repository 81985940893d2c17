package scenario

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/seed543b3b27/auth-service/test/bench/load/measure"
)

// Table is a part of the report.
type Table struct {
	Title string
	Head  []string
	Rows  [][]string
	Notes []string
}

// Write writes the table as Markdown. Errors: those of the writer.
func (t Table) Write(to io.Writer) error {
	var text strings.Builder
	fmt.Fprintf(&text, "\n### %s\n\n", t.Title)
	row := func(cells []string) { fmt.Fprintf(&text, "| %s |\n", strings.Join(cells, " | ")) }
	if len(t.Rows) > 0 {
		row(t.Head)
		text.WriteString("|" + strings.Repeat("---|", len(t.Head)) + "\n")
	}
	for _, cells := range t.Rows {
		row(cells)
	}
	for _, note := range t.Notes {
		fmt.Fprintf(&text, "\n%s\n", note)
	}
	_, err := io.WriteString(to, text.String())
	return err
}

// unknown stands for a figure that there is not.
const unknown = "–"

// number shows a figure with three digits.
func number(v float64) string {
	switch size := math.Abs(v); {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return unknown
	case size >= 100:
		return grouped(int64(math.Round(v)))
	case size >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case v == 0:
		return "0"
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}

// count shows a number of things.
func count(v float64) string { return grouped(int64(math.Round(v))) }

// grouped shows a number with commas between groups of digits.
func grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	for at := len(text) - 3; at > 0 && text[at-1] != '-'; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// spread shows the median with the extremes, if they look different.
func spread(values []float64) string {
	s := measure.SpreadOf(values...)
	if !s.Known {
		return unknown
	}
	if least, greatest := number(s.Least), number(s.Greatest); least != greatest {
		return fmt.Sprintf("%s (%s–%s)", number(s.Median), least, greatest)
	}
	return number(s.Median)
}

// median shows the median alone.
func median(values []float64) string {
	if s := measure.SpreadOf(values...); s.Known {
		return number(s.Median)
	}
	return unknown
}

// each computes a figure of every run.
func each[T any](runs []T, figure func(T) float64) []float64 {
	values := make([]float64, len(runs))
	for i, run := range runs {
		values[i] = figure(run)
	}
	return values
}

// ratio returns the ratio of two medians, or NaN if one is unknown.
func ratio(of, to []float64) float64 {
	a, b := measure.SpreadOf(of...), measure.SpreadOf(to...)
	if !a.Known || !b.Known || b.Median == 0 {
		return math.NaN()
	}
	return a.Median / b.Median
}
