package tokens

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// deviceKeyPurpose names the key of device tokens of every version, and
// addressKeyPurpose the key of the hashes of addresses in them.
const (
	deviceKeyPurpose  = "auth-service: key of device tokens, version 1"
	addressKeyPurpose = "auth-service: key of addresses in device tokens, version 1"
)

// The version is the first byte of every device token. Therefore the text of version 2
// begins with "Ag", and that of version 1 with "AQ". A JWT begins with "ey" and has
// dots.
const (
	deviceVersion1 = 1
	deviceVersion2 = 2
)

// deviceBody is the content of a device token: its bytes, in this order.
type deviceBody struct {
	Version  uint8
	ID       domain.DeviceID
	UserID   domain.UserID
	Epoch    int64
	IssuedAt int64 // microseconds since 1970
}

// addressSize is how many bytes of the keyed hash of the address follow in version 2.
const addressSize = 18

// Sizes of device tokens. Their bytes are a multiple of three, so that base64url leaves
// no unused bits.
const (
	deviceBodySize   = 1 + 16 + 16 + 8 + 8
	deviceTokenSize1 = deviceBodySize + sha256.Size
	deviceTokenSize2 = deviceBodySize + addressSize + sha256.Size
)

// SignDevice returns the token by which a device is recognized: 132 characters of
// base64url. A key that is derived from the current secret, and used for nothing
// else, authenticates it. The time of issue is kept in microseconds.
func (s *Signer) SignDevice(device domain.Device, address domain.Email) domain.Secret {
	token := make([]byte, deviceBodySize, deviceTokenSize2)
	// It never fails, because deviceBody has a fixed size and there is room for it.
	_, _ = binary.Encode(token, binary.BigEndian, deviceBody{
		Version:  deviceVersion2,
		ID:       device.ID,
		UserID:   device.UserID,
		Epoch:    device.Epoch,
		IssuedAt: device.IssuedAt.UnixMicro(),
	})
	token = append(token, s.addresses[0].address(address)...)
	return domain.NewSecret(encode(s.devices.sign(token)))
}

// address returns the keyed hash of an address.
func (k derivedKey) address(address domain.Email) []byte {
	return k.mac([]byte(address.String()))[:addressSize]
}

// ParseDevice reads such a token, or one of version 1, which holds no address. ok
// reports whether it is genuine under the current or a previous secret;
// domain.Device.KnownTo reports whether the device is still known.
func (s *Signer) ParseDevice(token domain.Secret, address domain.Email) (device domain.Device, ok bool) {
	text := token.Reveal()
	if len(text) != deviceTokenSize1/3*4 && len(text) != deviceTokenSize2/3*4 {
		return domain.Device{}, false
	}
	// A line break, which the decoder skips, would leave too few bytes.
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) != len(text)/4*3 {
		return domain.Device{}, false
	}
	signed, position, ok := s.devices.openBy(raw)
	if !ok {
		return domain.Device{}, false
	}
	var body deviceBody
	if _, err := binary.Decode(signed, binary.BigEndian, &body); err != nil {
		return domain.Device{}, false
	}
	device = domain.Device{
		ID:       body.ID,
		UserID:   body.UserID,
		Epoch:    body.Epoch,
		IssuedAt: time.UnixMicro(body.IssuedAt).UTC(),
	}
	switch stated := signed[deviceBodySize:]; {
	case body.Version == deviceVersion1 && len(stated) == 0:
	case body.Version != deviceVersion2 || len(stated) != addressSize:
		return domain.Device{}, false
	case hmac.Equal(stated, s.addresses[position].address(address)):
		device.Address = domain.DeviceAddressSame
	default:
		device.Address = domain.DeviceAddressOther
	}
	return device, true
}
