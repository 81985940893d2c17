package cli

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed543b3b27/auth-service/adapters/system"
	"github.com/seed543b3b27/auth-service/adapters/tokens"
	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/bootstrap/service"
	"github.com/seed543b3b27/auth-service/domain"
)

// The types of keys for keys generate.
const (
	keySecret  = "secret"
	keyEd25519 = "ed25519"
	keyECDSA   = "ecdsa"
	keyRSA     = "rsa"
	keyData    = "data"
)

// defaultRSABits is about as strong as Ed25519 (NIST SP 800-57 part 1, table 2).
const defaultRSABits = 3072

// maxKeyFile bounds the size of a key file, in bytes.
const maxKeyFile = 1 << 20

func (c *commands) keysCommand() *cobra.Command {
	return group("keys", "Make the keys that sign tokens and seal secrets", c.keysGenerateCommand(), c.keysPublicCommand())
}

func (c *commands) keysGenerateCommand() *cobra.Command {
	var kind, out string
	var bits int
	cmd := &cobra.Command{
		Use:   "generate [--type secret|ed25519|ecdsa|rsa|data] [--out FILE]",
		Short: "Make a new key",
		Long: `Makes a new key and prints it, or writes it to a new file that only its owner may
read. On standard error it names the variable to set.

  secret   32 random bytes as text, for JWT_SECRET_KEY; every deployment needs one
  ed25519  a private key for JWT_ACCESS_KEY; other services can verify its tokens
  ecdsa    the same with P-256 (ES256), for services whose libraries lack Ed25519
  rsa      the same, for services whose libraries lack both
  data     32 random bytes in base64url, for DATA_ENCRYPTION_KEYS; with PostgreSQL,
           one-time codes need one`,
		Example: `  auth-service keys generate --out jwt-secret.key
  auth-service keys generate --type ed25519 --out access.pem
  auth-service keys generate --type data --out data.keys`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if kind != keyRSA && cmd.Flags().Changed("bits") {
				return usageError{errors.New("--bits needs --type rsa; other keys have a fixed size")}
			}
			text, variable, err := generateKey(kind, bits)
			if err != nil {
				return err
			}
			if out == "" {
				if _, err := io.WriteString(c.io.Out, text.Reveal()); err != nil {
					return fmt.Errorf("printing the key: %w", err)
				}
				fmt.Fprintf(c.io.Err, "set it as %s, or its file as %s\n", variable, variable+config.FileSuffix)
				return nil
			}
			if err := writeKey(out, text); err != nil {
				return err
			}
			fmt.Fprintf(c.io.Err, "wrote %s; set %s=%s\n", out, variable+config.FileSuffix, out)
			return nil
		},
	}
	cmd.Flags().StringVar(&kind, "type", keySecret, "`type` of key: secret, ed25519, ecdsa, rsa or data")
	cmd.Flags().IntVar(&bits, "bits", defaultRSABits, "size of an RSA key in `bits`")
	cmd.Flags().StringVar(&out, "out", "", "write to this new `file` instead of standard output")
	offer(cmd, "type", keySecret, keyEd25519, keyECDSA, keyRSA, keyData)
	return cmd
}

// generateKey makes a key as text that ends with a line break, and returns the variable
// to set. Errors: a usage error for an unknown type or a size that the service refuses.
func generateKey(kind string, bits int) (text domain.Secret, variable string, err error) {
	var private any
	switch kind {
	case keySecret:
		return randomText(), "JWT_SECRET_KEY", nil
	case keyData:
		return randomText(), "DATA_ENCRYPTION_KEYS", nil
	case keyEd25519:
		_, private, err = ed25519.GenerateKey(rand.Reader)
	case keyECDSA:
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case keyRSA:
		if bits < tokens.MinRSABits || bits > tokens.MaxRSABits {
			return domain.Secret{}, "", usageError{fmt.Errorf("--bits must be between %d and %d", tokens.MinRSABits, tokens.MaxRSABits)}
		}
		private, err = rsa.GenerateKey(rand.Reader, bits)
	default:
		return domain.Secret{}, "", usageError{fmt.Errorf("--type must be %s, %s, %s, %s or %s", keySecret, keyEd25519, keyECDSA, keyRSA, keyData)}
	}
	if err != nil {
		return domain.Secret{}, "", fmt.Errorf("generating the key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return domain.Secret{}, "", fmt.Errorf("encoding the key: %w", err)
	}
	return domain.NewSecret(string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))), "JWT_ACCESS_KEY", nil
}

// randomText returns 32 random bytes in base64url, which is good for a secret and for a data
// key, with a line break.
func randomText() domain.Secret {
	return domain.NewSecret(system.Random{}.Secret().Reveal() + "\n")
}

// writeKey writes a key to a new file. It never overwrites a file, because the loss of a key
// signs all users out, or ends their second factors.
func writeKey(path string, text domain.Secret) error {
	err := service.WriteKeyFile(path, text)
	if errors.Is(err, fs.ErrExist) {
		return alreadyExists(path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no folder %s to write the key into; make it first", filepath.Dir(path))
	}
	if p := (*os.PathError)(nil); errors.As(err, &p) {
		err = p.Err // p names the temporary file
	}
	if err != nil {
		return fmt.Errorf("writing the key to %s: %w", path, err)
	}
	return nil
}

// alreadyExists refuses to overwrite a file.
func alreadyExists(path string) error {
	return usageError{fmt.Errorf("%s already exists and stays as it is; choose another name", path)}
}

func (c *commands) keysPublicCommand() *cobra.Command {
	var jwks bool
	cmd := &cobra.Command{
		Use:   "public [--jwks] FILE",
		Short: "Print the public half of the keys in a PEM file",
		Long: `Prints the public half of the private or public keys in a PEM file (- for
standard input), in PEM or as a JSON Web Key Set. Use it for the
JWT_ACCESS_VERIFICATION_KEYS of other replicas, or for a gateway that cannot
fetch the key set of the running service.`,
		Example: "  auth-service keys public access.pem",
		Args:    exactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			text, err := c.readKeys(args[0])
			if err != nil {
				return err
			}
			encode := tokens.PublicPEM
			if jwks {
				encode = tokens.PublicJWKS
			}
			public, err := encode(text)
			if err != nil {
				return usageError{fmt.Errorf("reading the keys: %w", err)}
			}
			_, err = fmt.Fprintln(c.io.Out, strings.TrimSuffix(string(public), "\n"))
			return err
		},
	}
	cmd.ValidArgsFunction = offerFiles
	cmd.Flags().BoolVar(&jwks, "jwks", false, "print a JSON Web Key Set (RFC 7517)")
	return cmd
}

// readKeys reads a file, or standard input for "-".
func (c *commands) readKeys(path string) (domain.Secret, error) {
	in := c.io.In
	if path != "-" {
		f, err := os.Open(path) //nolint:gosec // reading the file the operator named is the purpose
		if err != nil {
			return domain.Secret{}, fmt.Errorf("reading the keys: %w", err)
		}
		defer f.Close() //nolint:errcheck // it was only read
		in = f
	}
	content, err := io.ReadAll(io.LimitReader(in, maxKeyFile+1)) // the additional byte shows that the file is too large
	if err != nil {
		return domain.Secret{}, fmt.Errorf("reading the keys: %w", err)
	}
	if len(content) > maxKeyFile {
		return domain.Secret{}, usageError{fmt.Errorf("reading the keys: %s is larger than %d bytes, so it is not a file of keys", path, maxKeyFile)}
	}
	return domain.NewSecret(string(content)), nil
}
