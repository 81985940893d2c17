package stand

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// Metrics returns the metrics of the running service by name with labels, without the
// buckets of histograms. It is empty if the target has none. Errors: no answer.
func (t *Target) Metrics(ctx context.Context) (map[string]float64, error) {
	if t.metrics == "" {
		return nil, nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, t.Base+t.metrics, http.NoBody)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close() //nolint:errcheck // only read from
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: status %d", t.metrics, resp.StatusCode)
	}
	return parseMetrics(resp.Body)
}

// parseMetrics reads Prometheus's text format.
func parseMetrics(text io.Reader) (map[string]float64, error) {
	values := map[string]float64{}
	lines := bufio.NewScanner(text)
	for lines.Scan() {
		at := strings.LastIndexByte(lines.Text(), ' ')
		if at < 0 || strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		name := lines.Text()[:at]
		if value, err := strconv.ParseFloat(lines.Text()[at+1:], 64); err == nil && !strings.Contains(name, "_bucket{") {
			values[name] = value
		}
	}
	return values, lines.Err()
}
