package uservoice

import "fmt"

// checkVersion returns an error if the loaded version of the library cannot be used by a program
// that was compiled with another version. Within a major version, the ABI only grows.
func checkVersion(loaded, compiled string) error {
	have, err := parseVersion(loaded)
	if err != nil {
		return err
	}
	want, err := parseVersion(compiled)
	if err != nil {
		return err
	}
	newEnough := have.minor > want.minor || have.minor == want.minor && have.patch >= want.patch
	if have.major == want.major && newEnough {
		return nil
	}
	return fmt.Errorf("uservoice: libuservoice %s was loaded, but this program was compiled with %s: install libuservoice %s or later, below %d.0, or rebuild the program with go build -a if you have, because Go caches what it compiled with the other header", loaded, compiled, compiled, want.major+1)
}

type version struct{ major, minor, patch int }

func parseVersion(s string) (v version, err error) {
	if _, err := fmt.Sscanf(s, "%d.%d.%d", &v.major, &v.minor, &v.patch); err != nil {
		return v, fmt.Errorf("uservoice: the version of libuservoice must be MAJOR.MINOR.PATCH (got %q)", s)
	}
	return v, nil
}
