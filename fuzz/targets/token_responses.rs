#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| uservoice::fuzzing::token_response(data));
