"""For pycheck.py: which modules can be imported in an environment.

Tables of the standard library and of well-known distributions, and what follows from them
for a list of requirements.
"""
import re
import sys

# Of every version from 3.8 on: a module that another version has is no reason to warn.
STDLIB = frozenset(getattr(sys, "stdlib_module_names", ())) | frozenset("""
    abc aifc annotationlib antigravity argparse array ast asynchat asyncio asyncore
    atexit audioop base64 bdb binascii binhex bisect builtins bz2 cProfile calendar cgi
    cgitb chunk cmath cmd code codecs codeop collections colorsys compileall compression
    concurrent configparser contextlib contextvars copy copyreg crypt csv ctypes curses
    dataclasses datetime dbm decimal difflib dis distutils doctest dummy_threading email
    encodings ensurepip enum errno faulthandler fcntl filecmp fileinput fnmatch
    formatter fractions ftplib functools gc genericpath getopt getpass gettext glob
    graphlib grp gzip hashlib heapq hmac html http idlelib imaplib imghdr imp importlib
    inspect io ipaddress itertools json keyword lib2to3 linecache locale logging lzma
    macpath mailbox mailcap marshal math mimetypes mmap modulefinder msilib msvcrt
    multiprocessing netrc nis nntplib nt ntpath nturl2path numbers opcode operator
    optparse os ossaudiodev parser pathlib pdb pickle pickletools pipes pkgutil platform
    plistlib poplib posix posixpath pprint profile pstats pty pwd py_compile pyclbr
    pydoc pydoc_data pyexpat queue quopri random re readline reprlib resource
    rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site
    smtpd smtplib sndhdr socket socketserver spwd sqlite3 sre_compile sre_constants
    sre_parse ssl stat statistics string stringprep struct subprocess sunau symbol
    symtable sys sysconfig syslog tabnanny tarfile telnetlib tempfile termios textwrap
    this threading time timeit tkinter token tokenize tomllib trace traceback
    tracemalloc tty turtle turtledemo types typing unicodedata unittest urllib uu uuid
    venv warnings wave weakref webbrowser winreg winsound wsgiref xdrlib xml xmlrpc
    zipapp zipfile zipimport zlib zoneinfo pip pkg_resources setuptools wheel
    """.split())

# DISTRIBUTION = IMPORTS < DISTRIBUTIONS THAT COME WITH IT.  The import is the name of the
# distribution with _ for - where nothing is said.  Of several that provide an import, the
# first is the one to suggest.
PACKAGES = """
absl-py = absl
accelerate < numpy torch huggingface-hub safetensors psutil pyyaml packaging
aiohttp < attrs yarl multidict frozenlist aiosignal
aiosignal < frozenlist
alembic < sqlalchemy mako typing-extensions
altair < jinja2 jsonschema numpy pandas packaging typing-extensions
annotated-types
anthropic < httpx pydantic anyio typing-extensions
anyio < idna sniffio
asyncpg
attrs = attr attrs
azure-core = azure.core < requests six typing-extensions
azure-identity = azure.identity < azure-core cryptography msal
azure-storage-blob = azure.storage.blob < azure-core cryptography typing-extensions
beautifulsoup4 = bs4 < soupsieve typing-extensions
bitsandbytes < torch numpy
black < click packaging pathspec platformdirs
blosc
bokeh < jinja2 numpy pandas pillow pyyaml tornado packaging contourpy
boto3 < botocore jmespath s3transfer
botocore < jmespath python-dateutil urllib3
cachetools
catboost < numpy pandas scipy matplotlib plotly six graphviz
certifi
cffi < pycparser
chardet
charset-normalizer
click
cloudpickle
colorama
comet-ml < requests
contourpy < numpy
cryptography < cffi
cycler
cython = Cython cython pyximport
dagshub < requests
dask < click cloudpickle fsspec packaging partd pyyaml toolz
databricks-sdk = databricks.sdk < requests google-auth
datasets < numpy pyarrow pandas dill requests tqdm fsspec huggingface-hub multiprocess
    xxhash aiohttp pyyaml packaging filelock
dill
distributed < dask tornado
dnspython = dns
docker < requests urllib3
duckdb
easyocr < torch torchvision numpy opencv-python-headless pillow scikit-image scipy pyyaml
einops
elasticsearch < urllib3
emoji
et-xmlfile
evidently < numpy pandas scikit-learn scipy plotly pydantic
fastapi < starlette pydantic typing-extensions
fastai < torch torchvision matplotlib pandas requests pyyaml fastprogress pillow
    scikit-learn scipy packaging
fastparquet < numpy pandas cramjam fsspec packaging
fastprogress
fasttext < numpy pybind11
feast < pandas numpy pyarrow pydantic
filelock
flask < werkzeug jinja2 click itsdangerous blinker markupsafe
flax < jax numpy optax msgpack rich typing-extensions pyyaml
fonttools = fontTools
frozenlist
fsspec
ftfy
gcsfs < fsspec aiohttp requests google-cloud-storage
gensim < numpy scipy smart-open
geopandas < numpy pandas shapely pyproj pyogrio packaging
gitpython = git < gitdb
gitdb = gitdb < smmap
google-api-core = google.api_core < google-auth protobuf requests googleapis-common-protos
google-api-python-client = googleapiclient apiclient < google-api-core google-auth
    httplib2
google-auth = google.auth google.oauth2 < cachetools rsa
google-cloud-aiplatform = google.cloud.aiplatform vertexai < google-cloud-storage
    google-cloud-bigquery google-api-core protobuf pydantic shapely
google-cloud-bigquery = google.cloud.bigquery < google-api-core google-auth
    google-cloud-core requests python-dateutil packaging
google-cloud-core = google.cloud.client google.cloud.exceptions < google-api-core
    google-auth
google-cloud-pubsub = google.cloud.pubsub google.cloud.pubsub_v1 < google-api-core grpcio
    protobuf
google-cloud-storage = google.cloud.storage < google-api-core google-auth
    google-cloud-core requests
google-generativeai = google.generativeai < google-api-core google-auth protobuf pydantic
    tqdm
googleapis-common-protos = google.api google.rpc < protobuf
gradio < fastapi numpy pandas pydantic requests huggingface-hub pillow
graphviz
great-expectations = great_expectations < numpy pandas scipy jinja2 jsonschema requests
    tqdm
greenlet
grpcio = grpc
gspread < google-auth
gym < numpy cloudpickle
gymnasium < numpy cloudpickle typing-extensions
h5py < numpy
holidays < python-dateutil
httplib2 < pyparsing
httpx < httpcore certifi idna anyio
httpcore < h11 certifi
h11
huggingface-hub < fsspec requests tqdm pyyaml filelock packaging typing-extensions
hydra-core = hydra < omegaconf
hyperopt < numpy scipy six networkx tqdm cloudpickle future
idna
imageio < numpy pillow
imbalanced-learn = imblearn < numpy scipy scikit-learn joblib threadpoolctl
future = future builtins past
ipykernel < ipython
ipython = IPython < traitlets decorator jedi pygments stack-data matplotlib-inline
decorator
itsdangerous
jax < jaxlib numpy scipy opt-einsum ml-dtypes
jaxlib < numpy scipy ml-dtypes
jinja2 < markupsafe
jmespath
joblib
jsonlines < attrs
jsonschema < attrs referencing rpds-py
kafka-python = kafka
kaggle < requests tqdm six certifi python-dateutil urllib3
keras < numpy absl-py rich h5py optree ml-dtypes packaging namex
kfp < click docstring-parser google-auth google-cloud-storage kubernetes protobuf pyyaml
    requests-toolbelt tabulate urllib3 google-api-core
kiwisolver
konlpy < jpype1 lxml numpy
kubernetes < certifi six python-dateutil pyyaml google-auth requests urllib3
    websocket-client
langchain < langchain-core pydantic requests pyyaml sqlalchemy numpy
langchain-core < pydantic pyyaml tenacity packaging typing-extensions
lifelines < numpy pandas scipy matplotlib
lightgbm < numpy scipy
lightning < torch torchmetrics numpy fsspec pyyaml tqdm packaging pytorch-lightning
llvmlite
loguru
lxml
lz4
mako < markupsafe
markdown
markupsafe
matplotlib = matplotlib pylab mpl_toolkits < numpy contourpy cycler fonttools kiwisolver
    packaging pillow pyparsing python-dateutil
mlflow = mlflow < alembic cloudpickle click docker flask gitpython jinja2 matplotlib numpy
    pandas protobuf pyarrow pyyaml requests scikit-learn scipy sqlalchemy sqlparse
    packaging
mlxtend < numpy pandas scipy scikit-learn matplotlib joblib
mock
more-itertools
msgpack
multidict
multiprocess < dill
mypy < typing-extensions
mysql-connector-python = mysql
mysqlclient = MySQLdb
neptune < requests pandas boto3 gitpython psutil
networkx
nltk < click joblib regex tqdm
numba < numpy llvmlite
numexpr < numpy
numpy
omegaconf < pyyaml antlr4-python3-runtime
onnx < numpy protobuf
onnxruntime < numpy protobuf flatbuffers coloredlogs sympy packaging
onnxruntime-gpu = onnxruntime < numpy protobuf flatbuffers coloredlogs sympy packaging
openai < httpx pydantic anyio distro tqdm typing-extensions sniffio
opencv-python = cv2 < numpy
opencv-python-headless = cv2 < numpy
opencv-contrib-python = cv2 < numpy
opencv-contrib-python-headless = cv2 < numpy
openpyxl < et-xmlfile
optax < jax numpy absl-py
opt-einsum < numpy
optuna < alembic colorlog numpy packaging sqlalchemy tqdm pyyaml
colorlog
orjson
packaging
paho-mqtt = paho
pandas < numpy python-dateutil pytz tzdata
pandera < pandas numpy pydantic typeguard packaging
papermill < click nbformat nbclient tqdm requests pyyaml tenacity
paramiko < cryptography bcrypt pynacl
partd < toolz locket
pathspec
patsy < numpy six
peft < torch transformers accelerate numpy safetensors psutil pyyaml packaging tqdm
    huggingface-hub
pika
pillow = PIL
platformdirs
plotly < packaging tenacity narwhals
plotnine < matplotlib numpy pandas scipy statsmodels patsy mizani
pmdarima < numpy pandas scipy scikit-learn statsmodels joblib cython urllib3
polars
prefect < pydantic httpx pyyaml
prettytable < wcwidth
prometheus-client
prophet < numpy pandas matplotlib cmdstanpy holidays tqdm
protobuf = google.protobuf
psutil
psycopg < typing-extensions
psycopg2
psycopg2-binary = psycopg2
pyarrow
pybind11
pycparser
pycocotools < numpy matplotlib
pycryptodome = Crypto
pycryptodomex = Cryptodome
pydantic < pydantic-core annotated-types typing-extensions
pydantic-core < typing-extensions
pydantic-settings < pydantic python-dotenv
pygithub = github < requests pyjwt pynacl cryptography
pygments
pyjwt = jwt
pylint < astroid
pymongo = pymongo bson gridfs < dnspython
pymysql
pynacl = nacl < cffi
pyodbc
pyopenssl = OpenSSL < cryptography
pyparsing
pypdf
pypdf2 = PyPDF2
pymupdf = fitz pymupdf
pyproj < certifi
pyserial = serial
pyspark < py4j
py4j
pytesseract < pillow packaging
pytest = pytest _pytest < pluggy iniconfig packaging
python-dateutil = dateutil < six
python-docx = docx < lxml typing-extensions
python-dotenv = dotenv
python-json-logger = pythonjsonlogger
python-jose = jose
python-magic = magic
python-multipart = multipart python_multipart
python-pptx = pptx < lxml pillow
python-slugify = slugify
pytorch-lightning < torch torchmetrics numpy fsspec pyyaml tqdm packaging
pytz
pyusb = usb
pyyaml = yaml
pyzmq = zmq
rarfile
ray < click filelock jsonschema msgpack packaging protobuf pyyaml requests
redis
referencing < attrs rpds-py
regex
requests < urllib3 certifi idna charset-normalizer
requests-toolbelt < requests
rich < pygments markdown-it-py
rpds-py = rpds
rsa < pyasn1
ruamel-yaml = ruamel.yaml
s3fs < fsspec aiohttp aiobotocore
s3transfer < botocore
aiobotocore < aiohttp botocore
sacrebleu < regex numpy tabulate portalocker colorama lxml
safetensors
sagemaker < boto3 numpy pandas protobuf pyyaml requests attrs cloudpickle
scikit-image = skimage < numpy scipy networkx pillow imageio tifffile packaging
scikit-learn = sklearn < numpy scipy joblib threadpoolctl
scikit-optimize = skopt < numpy scipy scikit-learn joblib pyaml packaging
scipy < numpy
seaborn < numpy pandas matplotlib
sentence-transformers < transformers torch numpy scikit-learn scipy huggingface-hub pillow
    tqdm
sentencepiece
sentry-sdk < urllib3 certifi
seqeval < numpy scikit-learn
shap < numpy scipy scikit-learn pandas tqdm packaging numba cloudpickle
shapely < numpy
simplejson
six
sktime < numpy pandas scipy scikit-learn joblib packaging
slack-sdk
smart-open < wrapt
smmap
sniffio
snowflake-connector-python = snowflake.connector < requests cryptography pyjwt pytz
    packaging
soundfile < cffi numpy
librosa < audioread numpy scipy scikit-learn joblib decorator numba soundfile pooch soxr
    lazy-loader msgpack
soupsieve
spacy < numpy pydantic requests tqdm jinja2 packaging typer thinc srsly
sqlalchemy < greenlet typing-extensions
sqlparse
starlette < anyio
statsmodels < numpy scipy pandas patsy packaging
streamlit < altair numpy pandas protobuf pyarrow requests toml tornado gitpython pillow
    packaging
sympy < mpmath
mpmath
tables < numpy numexpr packaging py-cpuinfo
tabulate
tenacity
tensorboard < numpy absl-py grpcio markdown protobuf werkzeug six
tensorboardx = tensorboardX < numpy protobuf packaging
tensorflow < numpy absl-py keras tensorboard h5py protobuf six grpcio requests wrapt
    opt-einsum packaging typing-extensions termcolor ml-dtypes flatbuffers
tensorflow-cpu = tensorflow < numpy absl-py keras tensorboard h5py protobuf six grpcio
    requests wrapt opt-einsum packaging typing-extensions termcolor ml-dtypes flatbuffers
tensorflow-gpu = tensorflow < numpy absl-py keras tensorboard h5py protobuf six grpcio
    requests wrapt packaging typing-extensions termcolor
tensorflow-datasets < numpy absl-py tqdm requests protobuf promise dm-tree toml pyarrow
    termcolor psutil
tensorflow-hub < numpy protobuf tf-keras
termcolor
threadpoolctl
tifffile < numpy
tiktoken < regex requests
timm < torch torchvision pyyaml huggingface-hub safetensors
tokenizers < huggingface-hub
toml
tomli
toolz
torch = torch functorch torchgen < filelock typing-extensions sympy networkx jinja2 fsspec
torch-geometric < aiohttp fsspec jinja2 numpy psutil pyparsing requests tqdm
torchaudio < torch
torchdata < torch requests urllib3
torchmetrics < numpy packaging torch lightning-utilities
torchtext < torch numpy requests tqdm
torchvision < torch numpy pillow
tornado
tqdm
traitlets
transformers < numpy huggingface-hub tokenizers safetensors tqdm pyyaml regex requests
    filelock packaging
trl < torch transformers accelerate datasets
typer < click rich typing-extensions shellingham
typing-extensions
tzdata
tzlocal
ujson
umap-learn = umap < numpy scipy scikit-learn numba pynndescent tqdm
unidecode
urllib3
uvicorn < click h11
uvloop
wandb < click gitpython protobuf psutil pyyaml requests sentry-sdk platformdirs pydantic
    typing-extensions
watchdog
wcwidth
websocket-client = websocket
websockets
werkzeug < markupsafe
wordcloud < numpy pillow matplotlib
wrapt
xarray < numpy pandas packaging
xgboost < numpy scipy
xlrd
xlsxwriter
xlwt
xmltodict
xxhash
yarl < multidict idna propcache
zarr < numpy numcodecs packaging
zstandard
"""


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def read_packages():
    """PACKAGES as {distribution: (imports, distributions that come with it)}."""
    table = {}
    for line in PACKAGES.replace("\n ", " ").strip().splitlines():
        head, _, needs = line.partition("<")
        name, _, imports = head.partition("=")
        name = name.strip()
        table[name] = (imports.split() or [name.replace("-", "_")], needs.split())
    return table


DISTRIBUTIONS = read_packages()
PROVIDERS = {}
for _name, (_imports, _) in DISTRIBUTIONS.items():
    for _i in _imports:
        PROVIDERS.setdefault(_i, _name)


def distribution_of(module):
    """The distribution that is known to provide a module ("google.cloud.storage")."""
    while module:
        if module in PROVIDERS:
            return PROVIDERS[module]
        module = module.rpartition(".")[0]
    return None


class Provided:
    """What can be imported in an environment."""

    def __init__(self, packages, requirements):
        self.open = False   # something in it may bring what is not known
        self.imports = set()
        self.dists = set()
        for line in packages:
            self.add_requirement(line)
        for line in re.sub(r"\\\r?\n", " ", requirements).splitlines():
            line = re.sub(r"(^|\s)#.*", "", line).strip()
            if line.startswith("-"):
                self.open |= line.split("=")[0].split()[0] in (
                    "-r", "--requirement", "-e", "--editable")
            elif line:
                self.add_requirement(line)

    def add_requirement(self, text):
        m = re.match(r"\s*([A-Za-z0-9](?:[\w.-]*\w)?)\s*(\[[^\]]*\S[^\]]*\])?\s*"
                     r"($|[<>=!~;(@,])", text)
        if not m:
            self.open = True    # a URL, a path
            return
        self.open |= bool(m.group(2))
        self.add(normal(m.group(1)))

    def add(self, dist):
        work = [dist]
        while work:
            d = work.pop()
            if d in self.dists:
                continue
            self.dists.add(d)
            if d not in DISTRIBUTIONS:
                self.open |= d == dist      # it may bring anything with it
            imports, needs = DISTRIBUTIONS.get(d, ([d.replace("-", "_")], []))
            self.imports.update(imports)
            work.extend(needs)

    def has(self, module):
        top = module.partition(".")[0]
        if self.open or top in STDLIB or top.startswith("_") or top in self.imports:
            return True
        # A namespace that many distributions share, as google.* and azure.*.
        if any(i == module or module.startswith(i + ".") or i.startswith(module + ".")
               for i in self.imports):
            return True
        return any(d == normal(top) for d in self.dists)


