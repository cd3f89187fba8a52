cc docs/examples/quickstart/quickstart.c $(pkg-config --cflags --libs uservoice) -o quickstart
./quickstart
