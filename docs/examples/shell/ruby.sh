ruby -I bindings/ruby/lib docs/examples/quickstart/quickstart.rb
