package domain_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/domain"
)

// V-35: only the zero quota is off; a quota out of bounds is refused.
func TestQuota_IsOffOrWithinItsBounds(t *testing.T) {
	t.Parallel()
	assert.True(t, domain.Quota{}.IsOff())
	assert.True(t, domain.Quota{}.IsValid())
	for quota, valid := range map[domain.Quota]bool{
		{Events: 1, Per: time.Second}:                                true,
		{Events: domain.MaxQuotaEvents, Per: domain.MaxQuotaPer}:     true,
		{Events: 5, Per: time.Hour + 30*time.Second}:                 true,
		{Events: domain.MaxQuotaEvents + 1, Per: domain.MaxQuotaPer}: false,
		{Events: 1, Per: domain.MaxQuotaPer + time.Second}:           false,
		{Events: 1, Per: time.Second - 1}:                            false,
		{Events: 1, Per: time.Second + time.Millisecond}:             false,
		{Events: -1, Per: time.Hour}:                                 false,
		{Events: 1}:                                                  false,
		{Events: 1, Per: -time.Hour}:                                 false,
		{Per: time.Hour}:                                             false,
	} {
		assert.Equal(t, valid, quota.IsValid(), "%+v", quota)
	}
}
