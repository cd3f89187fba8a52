package uservoice

import "testing"

func TestCheckVersion(t *testing.T) {
	for _, c := range []struct {
		loaded, compiled string
		ok               bool
	}{
		{"0.1.0", "0.1.0", true},
		{"0.1.3", "0.1.2", true},
		{"0.1.1", "0.1.2", false},
		{"0.2.0", "0.1.9", true},
		{"0.1.9", "0.2.0", false},
		{"1.2.0", "1.1.9", true},
		{"1.2.0-rc.1", "1.1.9", true},
		{"1.1.9", "1.2.0", false},
		{"2.0.0", "1.0.0", false},
		{"", "1.0.0", false},
		{"1.0", "1.0.0", false},
	} {
		if err := checkVersion(c.loaded, c.compiled); (err == nil) != c.ok {
			t.Errorf("loaded %q, compiled with %q: %v", c.loaded, c.compiled, err)
		}
	}
}
