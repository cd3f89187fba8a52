pip install ./bindings/python
python docs/examples/quickstart/quickstart.py
