package httpapi

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// qrQuiet is the width in modules of the quiet zone that readers need around a QR code (ISO/IEC
// 18004).
const qrQuiet = 4

// qrCode returns a text as a QR code in SVG: one unit for each module, with a white background
// and a quiet zone. Errors: internal ones only.
func qrCode(text string) (string, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return "", fmt.Errorf("httpapi: drawing a QR code: %w", err)
	}
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			run := 0 // dark modules in a row make one rectangle, without seams
			for code.Black(x+run, y) {
				run++
			}
			if run > 0 {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", x+qrQuiet, y+qrQuiet, run, run)
				x += run
			}
		}
	}
	size := code.Size + 2*qrQuiet
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%dv%dH0z"/><path d="`,
		size, size, size, size) + path.String() + `"/></svg>`, nil
}
