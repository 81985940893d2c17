package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"hash"
	"strconv"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
)

const (
	accessLife  = time.Hour
	refreshLife = 7 * 24 * time.Hour
)

var (
	base64url = base64.RawURLEncoding
	// header is the first part of every token: one algorithm, in one spelling.
	header   = []byte(base64url.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + ".")
	errToken = fiber.NewError(fiber.StatusUnauthorized, "bad token")
)

// id is a random UUID. pgx stores a [16]byte as one.
type id [16]byte

func newID() id {
	var v id
	_, _ = rand.Read(v[:])                      // never returns an error
	v[6], v[8] = v[6]&0x0f|0x40, v[8]&0x3f|0x80 // version 4, RFC 9562
	return v
}

func (v id) append(to []byte) []byte {
	var text [36]byte
	hex.Encode(text[0:8], v[0:4])
	hex.Encode(text[9:13], v[4:6])
	hex.Encode(text[14:18], v[6:8])
	hex.Encode(text[19:23], v[8:10])
	hex.Encode(text[24:36], v[10:16])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return append(to, text[:]...)
}

// UnmarshalText reads the form that append writes.
func (v *id) UnmarshalText(text []byte) error {
	if len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return errToken
	}
	var digits [32]byte
	copy(digits[0:8], text[0:8])
	copy(digits[8:12], text[9:13])
	copy(digits[12:16], text[14:18])
	copy(digits[16:20], text[19:23])
	copy(digits[20:32], text[24:36])
	_, err := hex.Decode(v[:], digits[:])
	return err
}

// claims are those of both kinds of tokens. Refresh is set in refresh tokens only.
type claims struct {
	Use     string `json:"use"`
	User    id     `json:"sub"`
	Session id     `json:"sid"`
	Refresh id     `json:"jti"`
	Expires int64  `json:"exp"`
}

// signer makes and checks HS256 tokens (RFC 7519). It uses its MACs again, because a reset
// costs less than the schedule of the key.
type signer struct{ macs sync.Pool }

func newSigner(secret string) *signer {
	s := &signer{}
	s.macs.New = func() any { return hmac.New(sha256.New, []byte(secret)) }
	return s
}

func (s *signer) sum(to, message []byte) []byte {
	mac, _ := s.macs.Get().(hash.Hash) // New makes no other type
	mac.Reset()
	mac.Write(message)
	to = mac.Sum(to)
	s.macs.Put(mac)
	return to
}

// sign appends a token.
func (s *signer) sign(to []byte, use string, user, session, refresh id, now time.Time, life time.Duration) []byte {
	var buffer [320]byte
	p := append(buffer[:0], `{"use":"`...)
	p = append(p, use...)
	p = append(p, `","sub":"`...)
	p = user.append(p)
	p = append(p, `","sid":"`...)
	p = session.append(p)
	if refresh != (id{}) {
		p = append(p, `","jti":"`...)
		p = refresh.append(p)
	}
	p = append(p, `","iat":`...)
	p = strconv.AppendInt(p, now.Unix(), 10)
	p = append(p, `,"exp":`...)
	p = strconv.AppendInt(p, now.Add(life).Unix(), 10)
	p = append(p, '}')

	begin := len(to)
	to = append(to, header...)
	to = base64url.AppendEncode(to, p)
	var mac [sha256.Size]byte
	sum := s.sum(mac[:0], to[begin:])
	to = append(to, '.')
	return base64url.AppendEncode(to, sum)
}

// check verifies a token of the given use at the given time.
func (s *signer) check(token []byte, use string, now time.Time) (claims, error) {
	if !bytes.HasPrefix(token, header) {
		return claims{}, errToken
	}
	dot := bytes.LastIndexByte(token, '.')
	if dot < len(header) || base64url.DecodedLen(len(token)-dot-1) != sha256.Size {
		return claims{}, errToken
	}
	var want, got [sha256.Size]byte
	if _, err := base64url.Decode(got[:], token[dot+1:]); err != nil || !hmac.Equal(got[:], s.sum(want[:0], token[:dot])) {
		return claims{}, errToken
	}
	var buffer [320]byte
	payload, err := base64url.AppendDecode(buffer[:0], token[len(header):dot])
	var c claims
	if err != nil || json.Unmarshal(payload, &c) != nil || c.Use != use || c.Expires <= now.Unix() {
		return claims{}, errToken
	}
	return c, nil
}
