package uservoice

import "fmt"

// fits compares the version of the library that was loaded with the one that the
// package was compiled with. The ABI only grows until the major version changes.
func fits(loaded, built string) error {
	have, err := parseVersion(loaded)
	if err != nil {
		return err
	}
	want, err := parseVersion(built)
	if err != nil {
		return err
	}
	newer := have.minor > want.minor || have.minor == want.minor && have.patch >= want.patch
	if have.major == want.major && newer {
		return nil
	}
	return fmt.Errorf("uservoice: libuservoice %s was loaded, and this program was built with %s: install libuservoice %s, or a later one below %d.0", loaded, built, built, want.major+1)
}

type version struct{ major, minor, patch int }

func parseVersion(text string) (v version, err error) {
	if _, err := fmt.Sscanf(text, "%d.%d.%d", &v.major, &v.minor, &v.patch); err != nil {
		return v, fmt.Errorf("uservoice: the version of libuservoice is %q, which is none", text)
	}
	return v, nil
}
