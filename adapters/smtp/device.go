package smtp

import (
	"slices"

	"github.com/mileusna/useragent"
)

// The programs and systems that mails name. A client chooses its User-Agent freely, so no
// other word of it reaches a mail.
var (
	programs = []string{
		useragent.Chrome, useragent.Edge, useragent.Firefox, useragent.MobileSafari, useragent.Opera, useragent.OperaMini, useragent.OperaTouch,
		useragent.Safari, useragent.SamsungBrowser, useragent.Vivaldi,
	}
	systems = []string{
		useragent.Android, useragent.ChromeOS, useragent.FreeBSD, useragent.IOS, useragent.Linux, useragent.MacOS, useragent.Windows,
	}
)

// device returns a User-Agent in everyday words, such as "Firefox on Windows".
func device(userAgent string) string {
	ua := useragent.Parse(userAgent)
	program, system := slices.Contains(programs, ua.Name), slices.Contains(systems, ua.OS)
	switch {
	case program && system:
		return ua.Name + " on " + ua.OS
	case program:
		return ua.Name
	case system:
		return "a program on " + ua.OS
	}
	return "unknown"
}
