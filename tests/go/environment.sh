# Sets the environment in which `go` finds the library as if it were installed. To be sourced, with
# $root (the repository) and $library (the directory of libuservoice.so and libuservoice.a) set.
prefix=$root/target/go/prefix
mkdir -p "$prefix/include" "$prefix/lib/pkgconfig"
ln -sf "$root/include/uservoice.h" "$prefix/include/"
ln -sf "$library/libuservoice.so" "$prefix/lib/libuservoice.so"
ln -sf "$library/libuservoice.so" "$prefix/lib/libuservoice.so.0"
ln -sf "$library/libuservoice.a" "$prefix/lib/"
version=$(sed -n 's/^#define USERVOICE_VERSION "\(.*\)"/\1/p' "$root/include/uservoice.h")
sed -e 's|@pc_prefix@|${pcfiledir}/../..|; s|@pc_INCLUDEDIR@|${prefix}/include|; s|@pc_LIBDIR@|${prefix}/lib|' \
    -e "s|@PROJECT_VERSION@|$version|; s|@native_libs@|-lpthread -lm -ldl -lc|; s|@pc_definition@||; /@pc_static_definition@/d" \
    "$root/cmake/uservoice.pc.in" >"$prefix/lib/pkgconfig/uservoice.pc.$$"
mv "$prefix/lib/pkgconfig/uservoice.pc.$$" "$prefix/lib/pkgconfig/uservoice.pc"
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig LD_LIBRARY_PATH=$prefix/lib

# Ignore the user's settings, and write only below target/.
export GOCACHE=$root/target/go/cache GOPATH=$root/target/go/path
export GOENV=off GOFLAGS='' GOWORK=off GOTOOLCHAIN=local
unset GOEXPERIMENT CGO_ENABLED
go() { "$root/scripts/go" "$@"; }
