package uservoice

import "fmt"

// fits compares the version of the library that was loaded with the one that the
// package was compiled with. Before 1.0 a minor version may break what the one before
// it promised.
func fits(loaded, built string) error {
	have, err := parseVersion(loaded)
	if err != nil {
		return err
	}
	want, err := parseVersion(built)
	if err != nil {
		return err
	}
	switch {
	case have.major != want.major, have.major == 0 && have.minor != want.minor:
	case have.minor < want.minor, have.minor == want.minor && have.patch < want.patch:
	default:
		return nil
	}
	return fmt.Errorf("uservoice: libuservoice %s was loaded, and this program was built with %s: install libuservoice %d.%d, at least %s", loaded, built, want.major, want.minor, built)
}

type version struct{ major, minor, patch int }

func parseVersion(text string) (v version, err error) {
	if _, err := fmt.Sscanf(text, "%d.%d.%d", &v.major, &v.minor, &v.patch); err != nil {
		return v, fmt.Errorf("uservoice: the version of libuservoice is %q, which is none", text)
	}
	return v, nil
}
