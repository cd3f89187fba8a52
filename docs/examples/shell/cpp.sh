c++ -std=c++17 docs/examples/quickstart/quickstart.cpp $(pkg-config --cflags --libs uservoice) -o quickstart
./quickstart
