package tokens

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// deviceKeyPurpose names the key of device tokens.
const deviceKeyPurpose = "auth-service: key of device tokens, version 1"

// deviceVersion is the first byte of every device token, whose text therefore
// begins with "AQ". A JWT begins with "ey" and has dots.
const deviceVersion = 1

// deviceBody is the content of a device token: its bytes, in this order.
type deviceBody struct {
	Version  uint8
	ID       domain.DeviceID
	UserID   domain.UserID
	Epoch    int64
	IssuedAt int64 // microseconds since 1970
}

// Sizes of a device token. Its bytes are a multiple of three, so that base64url
// leaves no unused bits.
const (
	deviceBodySize  = 1 + 16 + 16 + 8 + 8
	deviceTokenSize = deviceBodySize + sha256.Size
	deviceTextSize  = deviceTokenSize / 3 * 4
)

// SignDevice returns the token by which a device is recognized: 108 characters of
// base64url. A key that is derived from the current secret, and used for nothing
// else, authenticates it. The time of issue is kept in microseconds.
func (s *Signer) SignDevice(device domain.Device) domain.Secret {
	token := make([]byte, deviceBodySize, deviceTokenSize)
	// It never fails, because deviceBody has a fixed size and there is room for it.
	_, _ = binary.Encode(token, binary.BigEndian, deviceBody{
		Version:  deviceVersion,
		ID:       device.ID,
		UserID:   device.UserID,
		Epoch:    device.Epoch,
		IssuedAt: device.IssuedAt.UnixMicro(),
	})
	return domain.NewSecret(encode(s.devices.sign(token)))
}

// ParseDevice reads such a token. ok reports whether it is genuine under the
// current or a previous secret; domain.Device.KnownTo reports whether the device is
// still known.
func (s *Signer) ParseDevice(token domain.Secret) (device domain.Device, ok bool) {
	text := token.Reveal()
	if len(text) != deviceTextSize {
		return domain.Device{}, false
	}
	// A line break, which the decoder skips, would leave too few bytes.
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) != deviceTokenSize {
		return domain.Device{}, false
	}
	signed, ok := s.devices.open(raw)
	if !ok {
		return domain.Device{}, false
	}
	var body deviceBody
	if _, err := binary.Decode(signed, binary.BigEndian, &body); err != nil || body.Version != deviceVersion {
		return domain.Device{}, false
	}
	return domain.Device{
		ID:       body.ID,
		UserID:   body.UserID,
		Epoch:    body.Epoch,
		IssuedAt: time.UnixMicro(body.IssuedAt).UTC(),
	}, true
}
