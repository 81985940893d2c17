package httpapi

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// svgImage is the part of an SVG that a QR code uses.
type svgImage struct {
	XMLName xml.Name `xml:"http://www.w3.org/2000/svg svg"`
	ViewBox string   `xml:"viewBox,attr"`
	Paths   []struct {
		Fill string `xml:"fill,attr"`
		D    string `xml:"d,attr"`
	} `xml:"path"`
}

var (
	viewBox = regexp.MustCompile(`^0 0 (\d+) (\d+)$`)
	darkRun = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`)
)

// drawn reads the SVG of a QR code and returns the size of its image and its dark rectangles, in
// modules.
func drawn(t *testing.T, text string) (size int, dark []image.Rectangle) {
	t.Helper()
	for tokens := xml.NewDecoder(strings.NewReader(text)); ; {
		_, err := tokens.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err, "not well-formed")
	}
	var svg svgImage
	require.NoError(t, xml.Unmarshal([]byte(text), &svg))
	box := viewBox.FindStringSubmatch(svg.ViewBox)
	require.Len(t, box, 3, svg.ViewBox)
	require.Equal(t, box[1], box[2], "not a square")
	size = number(t, box[1])
	require.Len(t, svg.Paths, 2)
	assert.Equal(t, "#fff", svg.Paths[0].Fill)
	assert.Equal(t, "M0 0h"+box[1]+"v"+box[1]+"H0z", svg.Paths[0].D, "the background covers the quiet zone")
	assert.Empty(t, svg.Paths[1].Fill, "black")
	require.Empty(t, darkRun.ReplaceAllString(svg.Paths[1].D, ""))
	for _, run := range darkRun.FindAllStringSubmatch(svg.Paths[1].D, -1) {
		require.Equal(t, run[3], run[4], run[0])
		x, y := number(t, run[1]), number(t, run[2])
		dark = append(dark, image.Rect(x, y, x+number(t, run[3]), y+1))
	}
	return size, dark
}

func number(t *testing.T, digits string) int {
	t.Helper()
	n, err := strconv.Atoi(digits)
	require.NoError(t, err)
	return n
}

// scanned returns the text that a reader finds in an SVG, and asserts its quiet zone.
func scanned(t *testing.T, text string) string {
	t.Helper()
	const pixels = 4 // for each module
	size, dark := drawn(t, text)
	picture := image.NewGray(image.Rect(0, 0, size*pixels, size*pixels))
	draw.Draw(picture, picture.Bounds(), image.White, image.Point{}, draw.Src)
	var symbol image.Rectangle
	for _, r := range dark {
		symbol = symbol.Union(r)
		draw.Draw(picture, image.Rectangle{Min: r.Min.Mul(pixels), Max: r.Max.Mul(pixels)}, image.NewUniform(color.Black), image.Point{}, draw.Src)
	}
	assert.Equal(t, image.Rect(0, 0, size, size).Inset(4), symbol, "four modules stay white on each side (ISO/IEC 18004)")
	bitmap, err := gozxing.NewBinaryBitmapFromImage(picture)
	require.NoError(t, err)
	result, err := qrcode.NewQRCodeReader().Decode(bitmap, nil)
	require.NoError(t, err)
	return result.GetText()
}

func TestAddTOTP_TheQRCodeHoldsTheURI(t *testing.T) {
	t.Parallel()
	a := started(t).post(BasePath+"/me/factors/totp", userToken, `{"password":"p"}`, nil)
	require.Equal(t, http.StatusCreated, a.Status)
	var body map[string]string
	require.NoError(t, json.Unmarshal(a.Body, &body))
	assert.Equal(t, totpURI, scanned(t, body["qr_code"]))
	delete(body, "qr_code")
	assert.Equal(t, map[string]string{
		"id": testFactor().ID().String(), "name": "My telephone", "secret": totpSecret, "uri": totpURI, "expires_at": "2026-01-15T09:40:00.123456Z",
	}, body)
}

// The longest address, with the longest name of a service, still fits.
func TestQRCode_HoldsTextsOfEveryLength(t *testing.T) {
	t.Parallel()
	for _, length := range []int{1, 100, 500, 1000, 2000} {
		text := strings.Repeat("%40", length/3) + strings.Repeat("a", length%3)
		svg, err := qrCode(text)
		require.NoError(t, err, length)
		assert.Equal(t, text, scanned(t, svg), length)
	}
	_, err := qrCode(strings.Repeat("a", 3000))
	require.Error(t, err)
}
