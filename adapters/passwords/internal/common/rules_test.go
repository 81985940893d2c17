package common_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/adapters/passwords/internal/common"
)

type set map[string]bool

func (s set) Has(word string) bool { return s[word] }

// F-E6: without any word, the rules find walks over the usual keyboards, runs, weaves
// of runs, repetitions and dates.
func TestRules_FindPatternsWithoutWords(t *testing.T) {
	t.Parallel()
	rules := common.By(set{})
	for name, patterns := range map[string]string{
		"rows":       "qwertyuiop poiuytrewq asdfghjkl qwertzui yxcvbnmasd azertyuiop qsdfghjklm wxcvbnqsd QWERTYUIOP qwerty!@#$",
		"columns":    "1qaz2wsx zaq1xsw2 1qay2wsx qazwsxedc 1qaz@WSX",
		"diagonals":  "zaq12wsx 1q2w3e4r q1w2e3r4 zse45tgb mko0nji9 xdr5cft6 1q2w3e4r5t6y",
		"cyrillic":   "йцукенгш фывапролд ячсмитьб йфяцычувс 1й2ц3у4к ЙЦУКЕНГШ",
		"weaves":     "a1b2c3d4 1a2s3d4f q1q2q3q4 1z2x3c4v",
		"digits":     "12345678 87654321 147258369 11112222 99998888 02468024",
		"repetition": "abcabcabc xyxyxyxy 7f7f7f7f k9wk9wk9w abcdabcda",
		"dates": "9-11-1961 09-11-1961 11.09.1961 1961/11/9 19611109 09111961 11091961 1961-11-09 9.11.1961 31/12/99 31.12.99 " +
			"1961_11_09 12,24,1999 20240229",
	} {
		for pattern := range strings.FieldsSeq(patterns) {
			assert.True(t, rules.Refuse(pattern), "%s: %s", name, pattern)
		}
	}
	for _, fine := range []string{
		"31.13.1961x", "30-02-1961", "1961-11-9-7", "99.99.9999", "18991231", "20401231", "qpwoei7z", "kwxtrzpl", "73914802", "a.b.c.d.z", "",
	} {
		assert.False(t, rules.Refuse(fine), fine)
	}
}

// F-E6: a word is found under case, look-alikes, reversal, repetition, and beside
// digits, signs, dates and runs.
func TestRules_FindAWordInItsVariations(t *testing.T) {
	t.Parallel()
	rules := common.By(set{"silver": true, "gfhjkm": true, "zeta": true})
	for variation := range strings.FieldsSeq("silver SILVER S1lver $ilver revlis silversilver Silver2024! 1silver 99silver99 silver-2024 " +
		"silver140773 14.07.1973silver silverqwerty qwertysilver silver1q2w3e4r abcdesilver zeta.2024 пароль Пароль123 пароль2024!") {
		assert.True(t, rules.Refuse(variation), variation)
	}
	for fine := range strings.FieldsSeq("silverhorse silver845217 845silver217 silvers quicksilver horsilver 7&1?silver x-silver-tree пароли") {
		assert.False(t, rules.Refuse(fine), fine)
	}
	assert.False(t, rules.Refuse("silver"+strings.Repeat("1", common.MaxText)), "too long to examine")
}

// A word may be left out only if its refusal does not depend on itself, nor that of
// longer passwords around it.
func TestNeedNot_LeavesOutWhatAShorterWordCovers(t *testing.T) {
	t.Parallel()
	rules := common.By(set{"silver": true})
	for covered := range strings.FieldsSeq("silver1 1silver silver2024! 19611109 123456 1qaz2wsx") {
		assert.True(t, rules.NeedNot(covered), covered)
	}
	for needed := range strings.FieldsSeq("revlis silversilver qwerty gold gold1 845217") {
		assert.False(t, rules.NeedNot(needed), needed)
	}
}
